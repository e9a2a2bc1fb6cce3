//! The page of the book about performance, made of what was measured: nothing in it is written by hand.

mod chart;
mod page;
mod plots;
mod svg;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::results::Results;

/// Writes performance.md and its plots into the folder of the book.
pub(super) fn write(results: &Results, docs: &Path) -> Result<()> {
    ensure!(
        !results.quick,
        "that run was a quick one: it shows that everything works, and its figures mean nothing"
    );
    let folder = docs.join("performance");
    fs::create_dir_all(&folder)?;
    let plots = plots::all(results);
    for plot in &plots {
        let file = folder.join(plot.file);
        fs::write(&file, &plot.svg).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let page = docs.join("performance.md");
    fs::write(&page, page::page(results, &plots))
        .with_context(|| format!("cannot write {}", page.display()))?;
    println!("wrote {} and {} plots", page.display(), plots.len());
    Ok(())
}
