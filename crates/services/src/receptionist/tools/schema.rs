//! A tool as a model is told of it.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// A tool's name, what it is for, and the JSON schema of its arguments.
#[derive(Clone, Debug)]
pub struct Definition {
    pub name: &'static str,
    pub description: String,
    pub parameters: Value,
}

impl Definition {
    pub(super) fn of<T: JsonSchema>(name: &'static str) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.meta_schema = None;
            settings.inline_subschemas = true;
        });
        let mut schema = settings.with_transform(Strict).into_generator().into_root_schema_for::<T>();
        let description = schema.remove("description").and_then(|text| text.as_str().map(str::to_owned));
        Self { name, description: description.unwrap_or_default(), parameters: schema.to_value() }
    }
}

/// Strict mode: every property is required, and what may be left out is null
/// instead.
///
/// <https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>
#[derive(Clone, Debug)]
struct Strict;

impl Transform for Strict {
    fn transform(&mut self, schema: &mut Schema) {
        for unsupported in ["title", "default"] {
            schema.remove(unsupported);
        }
        if schema.get("format").and_then(Value::as_str).is_some_and(|format| !matches!(format, "date" | "uuid")) {
            schema.remove("format");
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let names: Vec<String> = properties.keys().cloned().collect();
            schema.insert("required".into(), json!(names));
        } else if schema.get("type") == Some(&json!("object")) {
            schema.insert("properties".into(), json!({}));
            schema.insert("required".into(), json!([]));
        }
        transform_subschemas(self, schema);
    }
}
