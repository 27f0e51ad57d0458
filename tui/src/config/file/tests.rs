use std::{fs, os::unix::fs::symlink};

use super::*;

#[test]
fn whatever_is_not_a_text_file_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    fs::write(at("latin1"), b"# one\n# caf\xe9\n").unwrap();
    fs::write(at("large"), vec![b'#'; LIMIT + 1]).unwrap();
    symlink("/dev/zero", at("endless")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    for (name, says) in [
        ("missing", ": cannot be read: No such file or directory (os error 2)"),
        ("dangling", ": cannot be read: No such file or directory (os error 2)"),
        ("folder", ": is a folder, not a file"),
        ("latin1", ":2: is not UTF-8"),
        ("large", ": is larger than 1 MiB"),
        ("endless", ": is not a regular file"),
    ] {
        let error = read(&Source::Flag(at(name))).unwrap_err();
        assert_eq!(error.to_string(), format!("{}{says}", at(name).display()));
    }
}

#[test]
fn the_largest_file_is_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    fs::write(&file, vec![b'#'; LIMIT]).unwrap();
    assert_eq!(read(&Source::Flag(file)).map(|text| text.len()), Ok(LIMIT));
}

#[test]
fn a_link_is_followed_for_the_user_but_not_in_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "text").unwrap();
    symlink(&file, &link).unwrap();
    assert_eq!(read(&Source::User(link.clone())), Ok("text".to_owned()));
    let refused = format!("{}: is a link, which is not followed in a repository", link.display());
    assert_eq!(read(&Source::Repository(link)).unwrap_err().to_string(), refused);
}
