//! stub
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
#[derive(Clone, Debug)]
pub struct Template;
pub struct Variable {
    pub path: String,
    pub span: (u32, u32),
    pub guarded: bool,
}
impl Template {
    pub fn variables(&self) -> Vec<Variable> {
        vec![]
    }
}
pub fn parse(_: &str, _: &BTreeMap<String, String>) -> Result<Template, Vec<Diagnostic>> {
    Ok(Template)
}
