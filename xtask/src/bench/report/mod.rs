//! The page of the book about performance, made of what was measured.

use std::path::Path;

use anyhow::Result;

use super::results::Results;

pub(super) fn write(_results: &Results, _docs: &Path) -> Result<()> {
    anyhow::bail!("not yet")
}
