//! Every key of the table reaches its command, and nothing else acts.

use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::input;
use crate::app::{COMMANDS, Command, Event, Spec, State, operation::Kind, state::Mode};

fn state(mode: Mode) -> State {
    let mut state = State::new(Vec::new(), None);
    state.mode = mode;
    state.now.mono = Duration::from_secs(1);
    state
}

/// The key event a terminal sends for a name of the command table. Written apart from the keymap on purpose.
fn key(name: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match name {
        "Up" => plain(KeyCode::Up),
        "Down" => plain(KeyCode::Down),
        "Left" => plain(KeyCode::Left),
        "Right" => plain(KeyCode::Right),
        "Home" => plain(KeyCode::Home),
        "End" => plain(KeyCode::End),
        "PageUp" => plain(KeyCode::PageUp),
        "PageDown" => plain(KeyCode::PageDown),
        "Tab" => plain(KeyCode::Tab),
        "BackTab" => KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
        "Enter" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Backspace" => plain(KeyCode::Backspace),
        _ => {
            let (letter, held) = match name.strip_prefix("Ctrl-") {
                Some(letter) => (letter, KeyModifiers::CONTROL),
                None => (name, KeyModifiers::NONE),
            };
            assert_eq!(letter.chars().count(), 1, "a key this test does not know: {name}");
            KeyEvent::new(KeyCode::Char(letter.chars().next().unwrap()), held)
        }
    }
}

/// What a key means, told so that it can be compared.
fn meaning(mode: Mode, key: KeyEvent) -> String {
    told(&input(&state(mode), &Input::Key(key)))
}

fn told(events: &[Event]) -> String {
    format!("{events:?}")
}

fn is(command: &Command) -> String {
    told(&[Event::Commanded(command.clone())])
}

const NOTHING: &str = "[]";

#[test]
fn every_key_of_the_table_means_its_command() {
    for spec in COMMANDS {
        for name in spec.keys {
            assert_eq!(meaning(Mode::Browse, key(name)), is(&spec.command), "{name}");
        }
    }
}

#[test]
fn no_two_commands_share_a_key() {
    let mut keys: Vec<_> = COMMANDS.iter().flat_map(|spec| spec.keys).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count);
}

#[test]
fn lower_case_looks_and_upper_case_acts() {
    let single = |spec: &Spec, test: fn(char) -> bool| {
        spec.keys.iter().any(|key| key.chars().count() == 1 && key.chars().all(test))
    };
    for spec in COMMANDS {
        if single(spec, char::is_lowercase) {
            assert!(!spec.acts, "{}", spec.title);
        }
        if single(spec, char::is_uppercase) && !spec.keys.contains(&"G") {
            assert!(spec.acts, "{}", spec.title);
        }
        if spec.acts {
            assert!(spec.keys.iter().all(|key| key.chars().all(char::is_uppercase)), "{}", spec.title);
        }
    }
}

#[test]
fn capitals_match_whether_or_not_shift_is_said() {
    let redeploy = is(&Command::Plan(Kind::Redeploy));
    for (c, modifiers) in [('D', KeyModifiers::NONE), ('D', KeyModifiers::SHIFT), ('d', KeyModifiers::SHIFT)] {
        assert_eq!(meaning(Mode::Browse, KeyEvent::new(KeyCode::Char(c), modifiers)), redeploy);
    }
    assert_eq!(meaning(Mode::Browse, KeyEvent::new(KeyCode::Char('d'), KeyModifiers::NONE)), NOTHING);
}

#[test]
fn control_and_alt_never_stand_for_the_plain_key() {
    for spec in COMMANDS {
        for name in spec.keys.iter().filter(|name| !name.starts_with("Ctrl-")) {
            for held in [KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SUPER, KeyModifiers::META] {
                if held == KeyModifiers::CONTROL && spec.keys.contains(&format!("Ctrl-{name}").as_str()) {
                    continue;
                }
                let mut key = key(name);
                key.modifiers |= held;
                let meaning = meaning(Mode::Browse, key);
                assert_ne!(meaning, is(&spec.command), "{held:?} {name}");
                assert!(!meaning.contains("Plan"), "{held:?} {name}");
            }
        }
    }
}

#[test]
fn only_a_press_counts() {
    for spec in COMMANDS {
        for name in spec.keys {
            for kind in [KeyEventKind::Repeat, KeyEventKind::Release] {
                let mut key = key(name);
                key.kind = kind;
                for mode in [Mode::Browse, Mode::Plan, Mode::Filter, Mode::Help] {
                    assert_eq!(meaning(mode, key), NOTHING, "{name} {kind:?} {mode:?}");
                }
            }
        }
    }
}

#[test]
fn control_c_leaves_from_everywhere() {
    for mode in [Mode::Browse, Mode::Plan, Mode::Filter, Mode::Help] {
        assert_eq!(meaning(mode, key("Ctrl-c")), is(&Command::Quit));
    }
}

#[test]
fn on_a_plan_nothing_but_enter_agrees_and_letters_are_text() {
    assert_eq!(meaning(Mode::Plan, key("Enter")), is(&Command::Accept));
    assert_eq!(meaning(Mode::Plan, key("Esc")), is(&Command::Cancel));
    assert_eq!(meaning(Mode::Plan, key("Backspace")), "[Erased]");
    for letter in ["D", "q", "r", "?", "h", " "] {
        assert_eq!(meaning(Mode::Plan, key(letter)), format!("[Typed({:?})]", letter.chars().next().unwrap()));
    }
    for other in ["Up", "Tab", "PageDown", "Ctrl-r", "Home"] {
        assert_eq!(meaning(Mode::Plan, key(other)), NOTHING, "{other}");
    }
}

#[test]
fn in_the_filter_letters_are_text_and_arrows_still_select() {
    for letter in ["D", "q", "j", "/", "é", "東"] {
        assert_eq!(meaning(Mode::Filter, key(letter)), format!("[Typed({:?})]", letter.chars().next().unwrap()));
    }
    assert_eq!(meaning(Mode::Filter, key("Backspace")), "[Erased]");
    assert_eq!(meaning(Mode::Filter, key("Enter")), is(&Command::Accept));
    assert_eq!(meaning(Mode::Filter, key("Esc")), is(&Command::Cancel));
    assert_eq!(meaning(Mode::Filter, key("Down")), is(&Command::Down));
    assert_eq!(meaning(Mode::Filter, key("Tab")), NOTHING);
}

#[test]
fn help_is_closed_and_scrolled_and_nothing_acts_in_it() {
    assert_eq!(meaning(Mode::Help, key("?")), is(&Command::Help));
    for close in ["Esc", "q"] {
        assert_eq!(meaning(Mode::Help, key(close)), is(&Command::Cancel));
    }
    assert_eq!(meaning(Mode::Help, key("Down")), is(&Command::ScrollDown));
    assert_eq!(meaning(Mode::Help, key("PageUp")), is(&Command::ScrollUp));
    for spec in COMMANDS.iter().filter(|spec| spec.acts) {
        assert_eq!(meaning(Mode::Help, key(spec.keys[0])), NOTHING);
    }
}

#[test]
fn what_is_pasted_reaches_only_the_filter() {
    let paste = Input::Paste("D\u{1b}q\r\nx".into());
    for mode in [Mode::Browse, Mode::Plan, Mode::Help] {
        assert_eq!(told(&input(&state(mode), &paste)), NOTHING);
    }
    assert_eq!(told(&input(&state(Mode::Filter), &paste)), "[Typed('D'), Typed('q'), Typed('x')]");
}
