//! Keys to events. The names in the command table are the only source; what a key means depends on the mode. Only a press
//! counts: a key held down never acts, and what is pasted reaches nothing but the filter.

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::{
    COMMANDS, Command, Event,
    state::{Mode, State},
};

/// What an input of the terminal means now. Nothing, often.
pub fn input(state: &State, event: &Input) -> Vec<Event> {
    match event {
        Input::Key(key) if key.kind == KeyEventKind::Press => pressed(state.mode, *key).into_iter().collect(),
        Input::Paste(text) if state.mode == Mode::Filter => {
            text.chars().filter(|c| !c.is_control()).map(Event::Typed).collect()
        }
        Input::Key(_)
        | Input::Paste(_)
        | Input::FocusGained
        | Input::FocusLost
        | Input::Mouse(_)
        | Input::Resize(..) => Vec::new(),
    }
}

/// Whether an input means to leave, while there is no state yet.
pub fn is_quit(event: &Input) -> bool {
    let Input::Key(key) = event else { return false };
    let quit = COMMANDS.iter().find(|spec| spec.command == Command::Quit);
    let name = name(*key).filter(|_| key.kind == KeyEventKind::Press);
    quit.zip(name).is_some_and(|(quit, name)| quit.keys.contains(&name.as_str()))
}

fn pressed(mode: Mode, key: KeyEvent) -> Option<Event> {
    let name = name(key)?;
    let command = COMMANDS.iter().find(|spec| spec.keys.contains(&name.as_str())).map(|spec| spec.command.clone());
    if name == "Ctrl-c" {
        return command.map(Event::Commanded);
    }
    match mode {
        Mode::Browse => command.map(Event::Commanded),
        Mode::Filter => match command {
            Some(Command::Accept | Command::Cancel) => command.map(Event::Commanded),
            Some(Command::Up | Command::Down) if character(key).is_none() => command.map(Event::Commanded),
            Some(_) | None => text(key),
        },
        Mode::Plan => match command {
            Some(Command::Accept | Command::Cancel) => command.map(Event::Commanded),
            Some(_) | None => text(key),
        },
        Mode::Help => match command {
            Some(Command::Help | Command::Cancel | Command::Accept) => command.map(Event::Commanded),
            Some(Command::Quit) => Some(Event::Commanded(Command::Cancel)),
            Some(Command::Up | Command::ScrollUp) => Some(Event::Commanded(Command::ScrollUp)),
            Some(Command::Down | Command::ScrollDown) => Some(Event::Commanded(Command::ScrollDown)),
            Some(_) | None => None,
        },
    }
}

/// What goes into a text field.
fn text(key: KeyEvent) -> Option<Event> {
    match key.code {
        KeyCode::Backspace if key.modifiers.is_empty() => Some(Event::Erased),
        _ => character(key).map(Event::Typed),
    }
}

/// The character a key stands for, when nothing but Shift is held. Terminals differ in whether they say Shift for a capital.
fn character(key: KeyEvent) -> Option<char> {
    let KeyCode::Char(c) = key.code else { return None };
    if c.is_control() || !(key.modifiers - KeyModifiers::SHIFT).is_empty() {
        return None;
    }
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    Some(if shift { c.to_uppercase().next().filter(|_| c.is_lowercase()).unwrap_or(c) } else { c })
}

/// A key as the command table names it; `None` for keys and combinations that mean nothing to us.
fn name(key: KeyEvent) -> Option<String> {
    if let KeyCode::Char(c) = key.code {
        let control = key.modifiers == KeyModifiers::CONTROL;
        return if control {
            Some(format!("Ctrl-{}", c.to_ascii_lowercase()))
        } else {
            character(key).map(String::from)
        };
    }
    let shift = key.modifiers == KeyModifiers::SHIFT;
    let word = match key.code {
        KeyCode::BackTab if shift || key.modifiers.is_empty() => return Some("BackTab".into()),
        KeyCode::Tab if shift => return Some("BackTab".into()),
        _ if !key.modifiers.is_empty() => return None,
        KeyCode::Up => "Up",
        KeyCode::Down => "Down",
        KeyCode::Left => "Left",
        KeyCode::Right => "Right",
        KeyCode::Home => "Home",
        KeyCode::End => "End",
        KeyCode::PageUp => "PageUp",
        KeyCode::PageDown => "PageDown",
        KeyCode::Tab => "Tab",
        KeyCode::Enter => "Enter",
        KeyCode::Esc => "Esc",
        KeyCode::Backspace => "Backspace",
        _ => return None,
    };
    Some(word.into())
}

#[cfg(test)]
mod tests;
