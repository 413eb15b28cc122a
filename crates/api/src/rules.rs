//! Who may call which operation, as the API's description says it. What decides is in the use cases; the tests hold the two together.

use tenure_core::access::Permission;
use utoipa::Modify;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::path::{Operation, PathItem};

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// Nothing.
    Public,
    /// A good credential, whatever its user may do.
    Anybody,
    /// A session: somebody who has signed in, not a program.
    Session,
    /// A good credential for what is the caller's own, and this permission for the whole company for what is another user's.
    Own(Permission),
    /// A permission for the whole company.
    Company(Permission),
    /// It gives the people for whom the caller has `employees.read`, or what of them is seen with it.
    Visible,
    /// `employees.read` for the person that the path names, and one of these permissions for the same person.
    Person(&'static [Permission]),
    /// It is about one document, and the category of the document decides; of the company's own, these permissions for the whole company.
    Document(&'static [Permission]),
    /// What the caller has begun.
    Begun,
    /// As `Person`, and the person is not the caller: nobody decides of their own employment.
    Another(&'static [Permission]),
    /// A permission for the person that a form is of, or to be the one who appraises and have the permission for anybody.
    Form(Permission),
    /// What the caller was asked.
    Asked,
}

use Permission::{
    AppraisalsManage, AppraisalsRead, AppraisalsWrite, AuditRead, DocumentsRead, DocumentsWrite, EmployeesReadPersonal,
    EmployeesReadSensitive, EmployeesWrite, EmployeesWritePersonal, EmployeesWriteSensitive, FlagsRead, FlagsWrite,
    OrganisationRead, OrganisationWrite, PayRead, PayWrite, SettingsWrite, UsersRead, UsersWrite,
};

/// Each operation has its line.
const RULES: &[(&str, Rule)] = &[
    ("list_employees", Rule::Visible),
    ("show_employee", Rule::Person(&[])),
    ("change_employee", Rule::Person(&[EmployeesWrite, EmployeesWritePersonal])),
    ("delete_employee", Rule::Person(&[EmployeesWrite])),
    ("restore_employee", Rule::Company(EmployeesWrite)),
    ("list_salaries", Rule::Person(&[PayRead])),
    ("file_salary", Rule::Another(&[PayWrite])),
    ("correct_salary", Rule::Another(&[PayWrite])),
    ("take_back_salary", Rule::Another(&[PayWrite])),
    ("hire_employee", Rule::Company(EmployeesWrite)),
    ("list_assignments", Rule::Person(&[])),
    ("file_assignment", Rule::Another(&[EmployeesWrite])),
    ("correct_assignment", Rule::Another(&[EmployeesWrite])),
    ("take_back_assignment", Rule::Another(&[EmployeesWrite])),
    ("list_employment_periods", Rule::Person(&[])),
    ("correct_hire", Rule::Another(&[EmployeesWrite])),
    ("terminate_employee", Rule::Another(&[EmployeesWrite])),
    ("withdraw_termination", Rule::Another(&[EmployeesWrite])),
    ("rehire_employee", Rule::Another(&[EmployeesWrite])),
    ("show_employee_number_sequence", Rule::Company(SettingsWrite)),
    ("put_employee_number_sequence", Rule::Company(SettingsWrite)),
    ("list_departments", Rule::Company(OrganisationRead)),
    ("show_department", Rule::Company(OrganisationRead)),
    ("create_department", Rule::Company(OrganisationWrite)),
    ("change_department", Rule::Company(OrganisationWrite)),
    ("move_department", Rule::Company(OrganisationWrite)),
    ("merge_department", Rule::Company(OrganisationWrite)),
    ("delete_department", Rule::Company(OrganisationWrite)),
    ("restore_department", Rule::Company(OrganisationWrite)),
    ("list_designations", Rule::Company(OrganisationRead)),
    ("show_designation", Rule::Company(OrganisationRead)),
    ("create_designation", Rule::Company(OrganisationWrite)),
    ("change_designation", Rule::Company(OrganisationWrite)),
    ("delete_designation", Rule::Company(OrganisationWrite)),
    ("restore_designation", Rule::Company(OrganisationWrite)),
    ("list_locations", Rule::Company(OrganisationRead)),
    ("show_location", Rule::Company(OrganisationRead)),
    ("create_location", Rule::Company(OrganisationWrite)),
    ("change_location", Rule::Company(OrganisationWrite)),
    ("delete_location", Rule::Company(OrganisationWrite)),
    ("restore_location", Rule::Company(OrganisationWrite)),
    ("list_custom_fields", Rule::Company(OrganisationRead)),
    ("show_custom_field", Rule::Company(OrganisationRead)),
    ("create_custom_field", Rule::Company(SettingsWrite)),
    ("change_custom_field", Rule::Company(SettingsWrite)),
    ("delete_custom_field", Rule::Company(SettingsWrite)),
    (
        "change_employee_custom_fields",
        Rule::Person(&[EmployeesWrite, EmployeesWritePersonal, EmployeesWriteSensitive, PayWrite]),
    ),
    ("list_emergency_contacts", Rule::Person(&[EmployeesReadPersonal])),
    ("show_emergency_contact", Rule::Person(&[EmployeesReadPersonal])),
    ("create_emergency_contact", Rule::Person(&[EmployeesWritePersonal])),
    ("change_emergency_contact", Rule::Person(&[EmployeesWritePersonal])),
    ("delete_emergency_contact", Rule::Person(&[EmployeesWritePersonal])),
    ("list_bank_accounts", Rule::Person(&[EmployeesReadSensitive])),
    ("show_bank_account", Rule::Person(&[EmployeesReadSensitive])),
    ("create_bank_account", Rule::Person(&[EmployeesWriteSensitive])),
    ("change_bank_account", Rule::Person(&[EmployeesWriteSensitive])),
    ("delete_bank_account", Rule::Person(&[EmployeesWriteSensitive])),
    ("list_identity_documents", Rule::Person(&[EmployeesReadSensitive])),
    ("show_identity_document", Rule::Person(&[EmployeesReadSensitive])),
    ("create_identity_document", Rule::Person(&[EmployeesWriteSensitive])),
    ("change_identity_document", Rule::Person(&[EmployeesWriteSensitive])),
    ("delete_identity_document", Rule::Person(&[EmployeesWriteSensitive])),
    ("show_org_chart", Rule::Visible),
    ("show_dashboard", Rule::Visible),
    ("list_documents", Rule::Company(OrganisationRead)),
    ("list_expiring_documents", Rule::Company(DocumentsRead)),
    ("list_documents_of_employee", Rule::Person(&[DocumentsRead])),
    ("create_document", Rule::Document(&[DocumentsWrite])),
    ("create_document_of_employee", Rule::Document(&[DocumentsWrite])),
    ("show_document", Rule::Document(&[DocumentsRead])),
    ("change_document", Rule::Document(&[DocumentsRead, DocumentsWrite])),
    ("delete_document", Rule::Document(&[DocumentsRead, DocumentsWrite])),
    ("restore_document", Rule::Document(&[DocumentsRead, DocumentsWrite])),
    ("add_document_version", Rule::Document(&[DocumentsRead, DocumentsWrite])),
    ("read_document", Rule::Document(&[DocumentsRead])),
    ("create_document_link", Rule::Document(&[DocumentsRead])),
    ("read_shared_document", Rule::Public),
    ("begin_upload", Rule::Document(&[DocumentsWrite])),
    ("show_upload", Rule::Begun),
    ("put_upload_part", Rule::Begun),
    ("complete_upload", Rule::Begun),
    ("give_up_upload", Rule::Begun),
    ("list_document_requests", Rule::Person(&[DocumentsRead])),
    ("create_document_request", Rule::Document(&[DocumentsWrite])),
    ("show_document_request", Rule::Document(&[DocumentsRead])),
    ("withdraw_document_request", Rule::Document(&[DocumentsRead, DocumentsWrite])),
    ("show_settings", Rule::Company(OrganisationRead)),
    ("change_settings", Rule::Company(SettingsWrite)),
    ("show_settings_schema", Rule::Public),
    ("list_settings_versions", Rule::Company(SettingsWrite)),
    ("show_settings_version", Rule::Company(SettingsWrite)),
    ("diff_settings", Rule::Company(SettingsWrite)),
    ("roll_back_settings", Rule::Company(SettingsWrite)),
    ("list_settings_changes", Rule::Company(SettingsWrite)),
    ("list_flags", Rule::Company(FlagsRead)),
    ("show_flag", Rule::Company(FlagsRead)),
    ("create_flag", Rule::Company(FlagsWrite)),
    ("change_flag", Rule::Company(FlagsWrite)),
    ("delete_flag", Rule::Company(FlagsWrite)),
    ("evaluate_flag", Rule::Anybody),
    ("evaluate_flags", Rule::Anybody),
    ("list_appraisal_templates", Rule::Company(AppraisalsRead)),
    ("show_appraisal_template", Rule::Company(AppraisalsRead)),
    ("create_appraisal_template", Rule::Company(AppraisalsManage)),
    ("change_appraisal_template", Rule::Company(AppraisalsManage)),
    ("publish_appraisal_template", Rule::Company(AppraisalsManage)),
    ("create_appraisal_template_version", Rule::Company(AppraisalsManage)),
    ("list_appraisal_cycles", Rule::Company(AppraisalsRead)),
    ("show_appraisal_cycle", Rule::Company(AppraisalsRead)),
    ("create_appraisal_cycle", Rule::Company(AppraisalsManage)),
    ("change_appraisal_cycle", Rule::Company(AppraisalsManage)),
    ("add_appraisal_people", Rule::Company(AppraisalsManage)),
    ("advance_appraisal_cycle", Rule::Company(AppraisalsManage)),
    ("show_appraisal_progress", Rule::Company(AppraisalsRead)),
    ("list_appraisals", Rule::Company(AppraisalsRead)),
    ("list_late_appraisals", Rule::Company(AppraisalsRead)),
    ("list_employee_appraisals", Rule::Person(&[AppraisalsRead])),
    ("list_appraisals_to_write", Rule::Person(&[AppraisalsRead])),
    ("ask_for_feedback", Rule::Form(AppraisalsWrite)),
    ("list_asked_for_feedback", Rule::Form(AppraisalsRead)),
    ("withdraw_feedback_request", Rule::Form(AppraisalsWrite)),
    ("show_feedback", Rule::Form(AppraisalsRead)),
    ("list_feedback_requests", Rule::Anybody),
    ("show_feedback_request", Rule::Asked),
    ("save_feedback", Rule::Asked),
    ("submit_feedback", Rule::Asked),
    ("decline_feedback", Rule::Asked),
    ("list_goals", Rule::Person(&[AppraisalsRead])),
    ("show_goal", Rule::Person(&[AppraisalsRead])),
    ("create_goal", Rule::Person(&[AppraisalsWrite])),
    ("change_goal", Rule::Person(&[AppraisalsWrite])),
    ("delete_goal", Rule::Person(&[AppraisalsWrite])),
    ("show_appraisal", Rule::Form(AppraisalsRead)),
    ("save_appraisal", Rule::Form(AppraisalsWrite)),
    ("submit_appraisal", Rule::Form(AppraisalsWrite)),
    ("acknowledge_appraisal", Rule::Form(AppraisalsWrite)),
    ("calibrate_appraisal", Rule::Company(AppraisalsManage)),
    ("assign_appraisal", Rule::Company(AppraisalsManage)),
    ("remove_appraisal", Rule::Company(AppraisalsManage)),
    ("list_audit_log", Rule::Company(AuditRead)),
    ("sign_in", Rule::Public),
    ("request_password_reset", Rule::Public),
    ("redeem_password_reset", Rule::Public),
    ("sign_out", Rule::Anybody),
    ("list_sessions", Rule::Own(UsersRead)),
    ("end_session", Rule::Own(UsersWrite)),
    ("end_sessions_of_user", Rule::Own(UsersWrite)),
    ("show_me", Rule::Anybody),
    ("change_password", Rule::Session),
    ("list_users", Rule::Company(UsersRead)),
    ("show_user", Rule::Company(UsersRead)),
    ("create_user", Rule::Company(UsersWrite)),
    ("change_user", Rule::Company(UsersWrite)),
    ("delete_user", Rule::Company(UsersWrite)),
    ("suspend_user", Rule::Company(UsersWrite)),
    ("resume_user", Rule::Company(UsersWrite)),
    ("set_user_roles", Rule::Company(UsersWrite)),
    ("reset_password", Rule::Company(UsersWrite)),
    ("list_roles", Rule::Company(UsersRead)),
    ("show_role", Rule::Company(UsersRead)),
    ("create_role", Rule::Company(UsersWrite)),
    ("change_role", Rule::Company(UsersWrite)),
    ("delete_role", Rule::Company(UsersWrite)),
    ("list_tokens", Rule::Own(UsersRead)),
    ("create_token", Rule::Anybody),
    ("revoke_token", Rule::Own(UsersWrite)),
    ("describe_api", Rule::Public),
    ("show_docs", Rule::Public),
    ("check_alive", Rule::Public),
    ("check_ready", Rule::Public),
    ("read_metrics", Rule::Public),
];

impl Rule {
    fn of(operation: &str) -> Option<Self> {
        RULES.iter().find(|(name, _)| *name == operation).map(|(_, rule)| *rule)
    }

    fn words(self) -> String {
        match self {
            Self::Public => "Needs no token.".to_owned(),
            Self::Session => "Needs a session, not an API token.".to_owned(),
            Self::Anybody => "Needs no permission.".to_owned(),
            Self::Own(permission) => format!("Needs `{permission}` in the scope `all` for what is another user's."),
            Self::Company(permission) => format!("Needs `{permission}` in the scope `all`."),
            Self::Visible => "Of the people, the caller gets those for whom it has `employees.read`.".to_owned(),
            Self::Document(permissions) => format!(
                "Needs {} for the person whose it is, or in the scope `all` for the company's own, and what opens or changes the fields of its \
                 class, which follows from its category.",
                all_of(permissions)
            ),
            Self::Begun => "For whoever has begun it; others do not find it.".to_owned(),
            Self::Asked => "For whoever was asked; others do not find it.".to_owned(),
            Self::Form(permission) => {
                format!(
                    "Of the people, the caller reaches the forms of those for whom it has `{permission}`, and those that it appraises."
                )
            }
            Self::Person(&[]) => "Needs `employees.read` for the person.".to_owned(),
            Self::Person(permissions) => format!("Needs `employees.read` and {} for the person.", any_of(permissions)),
            Self::Another(permissions) => {
                format!("Needs `employees.read` and {} for the person, who is not the caller.", any_of(permissions))
            }
        }
    }
}

fn any_of(permissions: &[Permission]) -> String {
    let permissions: Vec<String> = permissions.iter().map(|permission| format!("`{permission}`")).collect();
    permissions.join(" or ")
}

fn all_of(permissions: &[Permission]) -> String {
    let permissions: Vec<String> = permissions.iter().map(|permission| format!("`{permission}`")).collect();
    permissions.join(" and ")
}

/// Adds to each operation whom it is for.
pub(crate) struct Rules;

impl Modify for Rules {
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let PathItem { get, put, post, patch, delete, .. } = item;
            [get, put, post, patch, delete].into_iter().flatten().for_each(describe);
        }
    }
}

fn describe(operation: &mut Operation) {
    let rule = operation.operation_id.as_deref().and_then(Rule::of);
    let words = rule.map(Rule::words);
    let said = [operation.description.take(), words].into_iter().flatten().collect::<Vec<_>>();
    operation.description = Some(said.join("\n\n"));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Each operation of the description, and whether it takes a token.
    fn operations() -> Vec<(String, bool)> {
        let document: Value = serde_json::from_str(crate::document()).unwrap();
        let paths = document.get("paths").and_then(Value::as_object).unwrap().values();
        let operations =
            paths.flat_map(|item| item.as_object().unwrap().values()).filter(|operation| operation.is_object());
        let named = |operation: &Value| {
            let id = operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap_or_else(|| panic!("{operation} has no name"));
            (id.to_owned(), operation.get("security").is_some())
        };
        operations.map(named).collect()
    }

    #[test]
    fn every_operation_has_one_rule_and_every_rule_an_operation() {
        let operations: Vec<String> = operations().into_iter().map(|(id, _)| id).collect();
        let rules: Vec<&str> = RULES.iter().map(|(id, _)| *id).collect();
        let (described, with_rule): (BTreeSet<&str>, BTreeSet<&str>) =
            (operations.iter().map(String::as_str).collect(), rules.iter().copied().collect());
        assert_eq!(described, with_rule);
        assert_eq!((operations.len(), rules.len()), (described.len(), with_rule.len()), "a name stands twice");
    }

    #[test]
    fn what_is_not_public_takes_a_token() {
        for (id, takes_token) in operations() {
            let public = matches!(Rule::of(&id), Some(Rule::Public));
            assert_eq!(takes_token, !public, "{id}");
        }
    }
}
