use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk of its own in a folder, there until this is dropped.
pub(crate) struct Tmpfs {
    folder: PathBuf,
}

impl Tmpfs {
    /// Makes the folder, and the disk in it.
    pub(crate) fn mount(folder: &Path, bytes: u64) -> Self {
        fs::create_dir(folder).expect("the folder is new");
        let options = format!("size={bytes},mode=0700");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).status();
        assert!(mount.expect("mount runs").success(), "a disk of its own needs the rights of root");
        Self { folder: folder.to_owned() }
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.folder).status());
    }
}
