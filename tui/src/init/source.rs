//! Where a part comes from: a folder, whose Terraform is asked, or a file with its saved outputs.

use std::{
    ffi::OsStr,
    io::{self, Read},
    path::Path,
    process::Stdio,
    time::Duration,
};

use hello_cloud::text::{cut, sanitize};
use tokio::{process::Command, time::timeout};

use super::InitError;

/// Longest wait for Terraform: it may have to fetch its state from a bucket.
const DEADLINE: Duration = Duration::from_mins(1);
/// Largest outputs read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The outputs of an environment, as JSON. `terraform` is the program asked about a folder.
pub(super) async fn read(from: &Path, terraform: &OsStr) -> Result<Vec<u8>, InitError> {
    let outputs = match std::fs::metadata(from) {
        Ok(about) if about.is_dir() => ask(from, terraform).await,
        Ok(about) if about.is_file() => load(from).map_err(|error| format!("cannot be read: {error}")),
        Ok(_) => Err("is neither a folder nor a file".to_owned()),
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    let outputs = outputs.map_err(|why| InitError::Asked(shown(from), why))?;
    if outputs.len() as u64 > LARGEST {
        return Err(InitError::Asked(shown(from), "its outputs are larger than 1 MiB".to_owned()));
    }
    Ok(outputs)
}

/// A path, safe to show.
pub(super) fn shown(path: &Path) -> String {
    sanitize(&path.to_string_lossy())
}

fn load(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn ask(folder: &Path, terraform: &OsStr) -> Result<Vec<u8>, String> {
    let name = sanitize(&terraform.to_string_lossy());
    let mut chdir = std::ffi::OsString::from("-chdir=");
    chdir.push(folder);
    let mut command = Command::new(terraform);
    command.arg(chdir).args(["output", "-json", "-no-color"]).stdin(Stdio::null()).kill_on_drop(true);
    let answer = match timeout(DEADLINE, command.output()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            return Err(format!("{name} cannot be run ({error}); give a file instead, made by {name} output -json"));
        }
        Err(_) => return Err(format!("{name} did not answer within {} s", DEADLINE.as_secs())),
    };
    if answer.status.success() {
        return Ok(answer.stdout);
    }
    let said = String::from_utf8_lossy(&answer.stderr);
    // The line that says what is wrong; around it are frames and advice.
    let line = said.lines().find(|line| line.contains("Error")).or_else(|| said.lines().last()).unwrap_or_default();
    let line = cut(&sanitize(line.trim_start_matches(['│', ' '])), 300);
    Err(format!("{name} output failed: {line}; was it initialised there ({name} init)?"))
}
