//! Drives the target that `FUZZ_TARGET` names with libFuzzer, when built as `cargo xtask test` does. Built in any
//! other way, it prints the names of the targets.
#![forbid(unsafe_code)]
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod instrumented {
    use std::sync::LazyLock;

    use fuzz::Target;

    static TARGET: LazyLock<Target> = LazyLock::new(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        Target::named(&name).unwrap_or_else(|| panic!("FUZZ_TARGET names no target: {name:?}"))
    });

    libfuzzer_sys::fuzz_target!(|data: &[u8]| {
        (TARGET.run)(data);
    });
}

#[cfg(not(fuzzing))]
fn main() {
    for target in fuzz::TARGETS {
        println!("{}", target.name);
    }
}
