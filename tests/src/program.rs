use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

/// The program, with the configuration and the data of one service.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) configuration: PathBuf,
    pub(crate) data: PathBuf,
}

/// What a command of the program said.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its exit code.
    pub code: i32,
    /// What it printed as its result.
    pub stdout: String,
    /// What it told the person.
    pub stderr: String,
}

impl Program {
    /// A command, to be changed and run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let program =
            std::env::var_os("MESSNGR_BINARY").expect("run the end-to-end tests by `cargo xtask test`");
        let mut command = Command::new(program);
        for variable in
            ["MESSNGR_BINARY", "MESSNGR_PEERS", "MESSNGR_FULL", "MESSNGR_SEED", "MESSNGR_DIALOGUE"]
        {
            command.env_remove(variable);
        }
        command.arg("--config").arg(&self.configuration).arg("--data").arg(&self.data).args(arguments);
        command
    }

    /// Runs a command and returns what it said.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    /// Runs a shell script, in which `messngr` is this program, to its first error.
    pub fn shell(&self, script: &str) -> Output {
        let command = self.command(&[]);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<String> = words.map(|word| format!("'{}'", word.to_string_lossy())).collect();
        let mut shell = Command::new("sh");
        shell.arg("-ec").arg(format!("messngr() {{ {} \"$@\"; }}\n{script}", words.join(" ")));
        for (variable, _) in command.get_envs().filter(|(_, value)| value.is_none()) {
            shell.env_remove(variable);
        }
        Output::of(&mut shell, "")
    }

    /// Runs a command that reads `input`.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        Output::of(&mut self.command(arguments), input)
    }
}

impl Output {
    /// Runs a command that reads `input`, to its end.
    pub(crate) fn of(command: &mut Command, input: &str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        let mut stdin = child.stdin.take().expect("its input");
        // One that refuses does not read.
        drop(stdin.write_all(input.as_bytes()));
        drop(stdin);
        let output = child.wait_with_output().expect("the command ends");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
