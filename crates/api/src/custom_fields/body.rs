//! The definitions of a company's own fields as they look on the wire.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tenure_app::Error;
use tenure_app::custom_fields as app;
use tenure_core::custom_fields::{Class, Definition, Entity, Key, Kind};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::fields::{Fields, boolean, list, text, whole};
use crate::listing::Listing;
use crate::words::{custom_field_class, custom_field_entity, custom_field_kind};

const LAST_POSITION: i32 = 100_000;

/// A field of the company's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomField {
    id: Uuid,
    #[schema(schema_with = custom_field_entity)]
    entity: Entity,
    /// The member of `custom` that holds it; unique among the fields of the kind of record.
    key: String,
    /// What people call it.
    label: String,
    #[schema(schema_with = custom_field_kind)]
    kind: Kind,
    /// Whether new records must have it, and none may lose it.
    required: bool,
    /// The words to choose from, for `choice` and `multiple_choice`.
    choices: Vec<String>,
    #[schema(schema_with = custom_field_class)]
    class: Class,
    /// Its place among the fields of the kind of record.
    position: i32,
    /// Grows with each change; the `ETag` to give as `If-Match`.
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The company's own fields.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomFieldList {
    /// By kind of record and position. All of them: a kind of record has at most 200.
    data: Vec<CustomField>,
}

impl Listing for CustomFieldList {
    const FILE: &'static str = "custom-fields";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "entity",
        "key",
        "label",
        "kind",
        "required",
        "choices",
        "class",
        "position",
        "version",
        "created_at",
        "updated_at",
    ];
}

/// A field to be defined.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct NewCustomField {
    #[schema(schema_with = custom_field_entity)]
    entity: String,
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$", examples("t_shirt_size"))]
    key: String,
    #[schema(min_length = 1, max_length = 200, examples("T-shirt size"))]
    label: String,
    #[schema(schema_with = custom_field_kind)]
    kind: String,
    #[schema(default = false, nullable = false)]
    required: Option<bool>,
    #[schema(max_items = 200, nullable = false)]
    choices: Option<Vec<String>>,
    /// `sensitive` when nothing is said of a field of employees, `public` for others, which have no other class.
    #[schema(schema_with = custom_field_class, required = false)]
    class: Option<String>,
    #[schema(minimum = 0, maximum = 100_000, default = 0, nullable = false)]
    position: Option<i32>,
}

/// What is to change in a field's definition. Absent members stay as they are.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read field by field so that each error names its own")]
pub(crate) struct CustomFieldChanges {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    label: Option<String>,
    #[schema(nullable = false)]
    required: Option<bool>,
    /// All of the words. One that records have cannot go.
    #[schema(max_items = 200, nullable = false)]
    choices: Option<Vec<String>>,
    #[schema(schema_with = custom_field_class, required = false)]
    class: Option<String>,
    #[schema(minimum = 0, maximum = 100_000, nullable = false)]
    position: Option<i32>,
}

/// The company's own fields of an employee.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmployeeCustomFields {
    /// Those that the caller may see.
    #[schema(value_type = Object)]
    custom: Map<String, Value>,
    /// The version of the employee; the `ETag` to give as `If-Match`.
    version: i32,
}

impl NewCustomField {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Content, Error> {
        let entity = fields.required("entity", text::<Entity>);
        let key = fields.required("key", text::<Key>);
        let label = fields.required("label", text::<app::Label>);
        let kind = fields.required("kind", text::<Kind>);
        let required = fields.optional("required", boolean).unwrap_or_default();
        let choices = fields.optional("choices", choices).unwrap_or_default();
        let class = fields.optional("class", text::<Class>);
        let position = fields.optional("position", position).unwrap_or_default();
        let made = entity.zip(key).zip(label).zip(kind).map(|(((entity, key), label), kind)| {
            let usual = if entity == Entity::Employee { Class::Sensitive } else { Class::Public };
            let choices = choices.into_iter().map(String::from).collect();
            let definition = Definition { key: key.into(), kind, required, choices, class: class.unwrap_or(usual) };
            app::Content { entity, label, definition, position }
        });
        fields.finish(made)
    }
}

impl CustomFieldChanges {
    pub(crate) fn read(mut fields: Fields) -> Result<app::Changes, Error> {
        let changes = app::Changes {
            label: fields.optional("label", text),
            required: fields.optional("required", boolean),
            choices: fields.optional("choices", choices),
            class: fields.optional("class", text),
            position: fields.optional("position", position),
        };
        fields.finish(Some(changes))
    }
}

fn choices(value: Value) -> Result<Vec<app::Choice>, String> {
    list(value, text)
}

fn position(value: Value) -> Result<i32, String> {
    whole(value, 0..=LAST_POSITION)
}

impl From<Vec<app::CustomField>> for CustomFieldList {
    fn from(fields: Vec<app::CustomField>) -> Self {
        Self { data: fields.into_iter().map(CustomField::from).collect() }
    }
}

impl From<app::CustomField> for CustomField {
    fn from(field: app::CustomField) -> Self {
        Self {
            id: field.id.uuid(),
            entity: field.entity,
            key: field.definition.key,
            label: field.label,
            kind: field.definition.kind,
            required: field.definition.required,
            choices: field.definition.choices,
            class: field.definition.class,
            position: field.position,
            version: field.version,
            created_at: field.created_at,
            updated_at: field.updated_at,
        }
    }
}

impl From<app::Custom> for EmployeeCustomFields {
    fn from(values: app::Custom) -> Self {
        Self { custom: values.custom, version: values.version }
    }
}
