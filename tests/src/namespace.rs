//! Tests that need ports or addresses of their own run in a network where nobody else is.

use std::{any::type_name_of_val, env, process::Command};

/// An address of this network beside 127.0.0.1, for a second machine.
pub const NEIGHBOUR: &str = "10.0.0.7";

/// Set for the process that runs one test alone.
const INSIDE: &str = "END_TO_END_ALONE";

/// Runs a test as root of a network of its own, which has 127.0.0.1 and [`NEIGHBOUR`] and leads nowhere. Whatever
/// the test starts ends with it. To be called as the first and only thing of the test.
pub fn alone(test: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return test();
    }
    let network = format!("ip link set lo up && ip address add {NEIGHBOUR}/24 dev lo && exec \"$@\"");
    let program = env::current_exe().expect("this test is a program");
    let output = Command::new("unshare")
        .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", &network, "sh"])
        .arg(program)
        .args(["--exact", name_of(type_name_of_val(&test)), "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare is installed");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "in a network of its own, which takes root and `ip`:\n{said}");
    assert!(said.contains("1 passed"), "the test was not found in its own program:\n{said}");
    println!("{said}");
}

/// The name that the test has in its program: that of the function whose closure this is, without its crate.
fn name_of(closure: &str) -> &str {
    let function = closure.trim_end_matches("::{{closure}}");
    function.split_once("::").map_or(function, |(_, name)| name)
}
