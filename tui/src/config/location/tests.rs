use std::fs;

use tempfile::TempDir;

use super::*;

/// A machine with a home, and a repository with a folder in it where the person stands.
struct Machine {
    root: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { root: tempfile::tempdir().unwrap() };
        for folder in ["home/.config/hello-dash", "xdg/hello-dash", "code/repo/.git", "code/repo/a/b"] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        machine
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    fn put(&self, below: &str) -> PathBuf {
        fs::write(self.path(below), "").unwrap();
        self.path(below)
    }

    fn surroundings(&self) -> Surroundings {
        let home = Some(self.path("home").into());
        Surroundings { home, folder: Some(self.path("code/repo/a/b")), ..Surroundings::default() }
    }
}

#[test]
fn the_first_place_that_has_one_wins() {
    let machine = Machine::new();
    let mut around = machine.surroundings();
    let in_repository = machine.put("code/repo/hello-dash.toml");
    assert_eq!(locate(None, &around), Ok(Source::Repository(in_repository)));
    let nearer = machine.put("code/repo/a/hello-dash.toml");
    assert_eq!(locate(None, &around), Ok(Source::Repository(nearer)));
    let below_home = machine.put("home/.config/hello-dash/config.toml");
    assert_eq!(locate(None, &around), Ok(Source::User(below_home)));
    around.xdg_config_home = Some(machine.path("xdg").into());
    let below_xdg = machine.put("xdg/hello-dash/config.toml");
    assert_eq!(locate(None, &around), Ok(Source::User(below_xdg)));
    around.config = Some("variable.toml".into());
    assert_eq!(locate(None, &around), Ok(Source::Variable("variable.toml".into())));
    assert_eq!(locate(Some(Path::new("flag.toml")), &around), Ok(Source::Flag("flag.toml".into())));
}

#[test]
fn what_lies_above_the_repository_is_not_taken() {
    let machine = Machine::new();
    let mut around = machine.surroundings();
    machine.put("code/hello-dash.toml");
    let user = machine.path("home/.config/hello-dash/config.toml");
    assert_eq!(locate(None, &around), Err(ConfigError::Missing { user: user.clone() }));
    // Nor, outside of any repository, what lies above the current folder.
    fs::remove_dir(machine.path("code/repo/.git")).unwrap();
    machine.put("code/repo/a/hello-dash.toml");
    assert_eq!(locate(None, &around), Err(ConfigError::Missing { user }));
    around.folder = Some(machine.path("code/repo/a"));
    assert_eq!(locate(None, &around), Ok(Source::Repository(machine.path("code/repo/a/hello-dash.toml"))));
}

#[test]
fn a_relative_xdg_folder_does_not_count() {
    let machine = Machine::new();
    let around = Surroundings { xdg_config_home: Some("xdg".into()), ..machine.surroundings() };
    let below_home = machine.put("home/.config/hello-dash/config.toml");
    assert_eq!(locate(None, &around), Ok(Source::User(below_home)));
}

#[test]
fn without_any_the_message_names_the_ways_on() {
    let around = Surroundings { home: Some("/home/me".into()), ..Surroundings::default() };
    assert_eq!(
        locate(None, &around).unwrap_err().to_string(),
        "no configuration found\n\
         hint: to try it without an account: hello-dash demo\n\
         hint: to write your own: mkdir -p /home/me/.config/hello-dash && \
         hello-dash config example > /home/me/.config/hello-dash/config.toml"
    );
    let odd = Surroundings { home: Some("/home/O'Me and you".into()), ..Surroundings::default() };
    let message = locate(None, &odd).unwrap_err().to_string();
    assert!(message.ends_with(r"> '/home/O'\''Me and you/.config/hello-dash/config.toml'"), "{message}");
    let homeless = locate(None, &Surroundings::default()).unwrap_err().to_string();
    assert!(homeless.ends_with("> ~/.config/hello-dash/config.toml"), "{homeless}");
}
