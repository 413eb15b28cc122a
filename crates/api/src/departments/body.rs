//! Departments as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tenure_app::departments as app;
use tenure_app::{Error, Page};
use tenure_core::ids::DepartmentId;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::List;
use crate::fields::{Fields, id, nullable, object, text};
use crate::listing::Listing;
use crate::query;

/// A department.
#[derive(Serialize, ToSchema)]
pub(crate) struct Department {
    id: Uuid,
    /// The department above; null at the top.
    parent_id: Option<Uuid>,
    /// The employee who heads it, whom the caller may or may not see.
    head_id: Option<Uuid>,
    /// Unique under its parent in whatever case.
    name: String,
    /// The company's short word for it; unique in whatever case.
    code: Option<String>,
    /// Where accounting books what it costs.
    cost_centre: Option<String>,
    /// The company's own fields.
    #[schema(value_type = Object)]
    custom: Value,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct DepartmentPage {
    /// By name in whatever case, and id.
    data: Vec<Department>,
    /// To be given as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl Listing for DepartmentPage {
    const FILE: &'static str = "departments";
    const COLUMNS: &'static [&'static str] =
        &["id", "parent_id", "head_id", "name", "code", "cost_centre", "custom", "version", "created_at", "updated_at"];
}

/// A department to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewDepartment {
    /// One line, unique under the parent in whatever case.
    #[schema(min_length = 1, max_length = 200, examples("Research"))]
    name: String,
    /// Without it the department is at the top.
    parent_id: Option<Uuid>,
    head_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 50, examples("RES"))]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 50, examples("4711"))]
    cost_centre: Option<String>,
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

/// What is to change in a department. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct DepartmentChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    head_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 50)]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    cost_centre: Option<String>,
    /// All of the company's own fields, in place of those that are there.
    #[schema(value_type = Object, required = false)]
    custom: Option<Value>,
}

/// Where a department goes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct DepartmentMove {
    /// The department above from now on; null for a place at the top.
    #[schema(required = true)]
    parent_id: Option<Uuid>,
}

/// What a department is merged into.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct DepartmentMerge {
    /// The department that stays.
    into_id: Uuid,
}

impl NewDepartment {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let name = fields.required("name", text::<app::Name>);
        let parent_id = fields.optional("parent_id", nullable(id)).flatten();
        let head_id = fields.optional("head_id", nullable(id)).flatten();
        let code = fields.optional("code", nullable(text)).flatten();
        let cost_centre = fields.optional("cost_centre", nullable(text)).flatten();
        let custom = fields.optional("custom", object).unwrap_or_default();
        fields.finish(name.map(|name| app::Content { parent_id, head_id, name, code, cost_centre, custom }))
    }
}

impl DepartmentChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            name: fields.optional("name", text),
            head_id: fields.optional("head_id", nullable(id)),
            code: fields.optional("code", nullable(text)),
            cost_centre: fields.optional("cost_centre", nullable(text)),
            custom: fields.optional("custom", object),
        };
        fields.finish(Some(changes))
    }
}

impl DepartmentMove {
    pub(crate) fn read(mut fields: Fields) -> Result<Option<DepartmentId>, Error> {
        let parent = fields.required("parent_id", nullable(id));
        fields.finish(parent)
    }
}

impl DepartmentMerge {
    pub(crate) fn read(mut fields: Fields) -> Result<DepartmentId, Error> {
        let into = fields.required("into_id", id);
        fields.finish(into)
    }
}

impl From<Page<app::Department>> for DepartmentPage {
    fn from(page: Page<app::Department>) -> Self {
        let next_cursor = query::next_cursor(List::Departments, page.next.as_ref());
        Self { data: page.rows.into_iter().map(Department::from).collect(), next_cursor }
    }
}

impl From<app::Department> for Department {
    fn from(department: app::Department) -> Self {
        Self {
            id: department.id.uuid(),
            parent_id: department.parent_id.map(Uuid::from),
            head_id: department.head_id.map(Uuid::from),
            name: department.name,
            code: department.code,
            cost_centre: department.cost_centre,
            custom: department.custom,
            version: department.version,
            created_at: department.created_at,
            updated_at: department.updated_at,
        }
    }
}
