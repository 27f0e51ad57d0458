//! The real program in a real pseudo-terminal: type, wait for a condition on the screen, look at what is left behind.

use std::{
    env,
    io::{Read, Write},
    net::TcpStream,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// Long enough for the slowest machine; every wait ends as soon as its condition holds.
const LIMIT: Duration = Duration::from_mins(1);

pub struct Session {
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    parser: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    vanished: Arc<AtomicBool>,
    modes: String,
    home: tempfile::TempDir,
}

impl Session {
    /// Starts `hello-dash` with these arguments, an empty home and nothing of the caller's environment.
    pub fn start(arguments: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_in(&[], arguments, columns, rows)
    }

    /// The same, with an environment.
    pub fn start_in(environment: &[(String, String)], arguments: &[&str], columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(binary());
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", home.path());
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(home.path());
        let modes = termios(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(columns), 0)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let vanished = Arc::new(AtomicBool::new(false));
        let (screen, bytes, gone) = (Arc::clone(&parser), Arc::clone(&raw), Arc::clone(&vanished));
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                bytes.lock().unwrap().extend_from_slice(&buffer[..n]);
                screen.lock().unwrap().process(&buffer[..n]);
                if gone.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, master: Some(pair.master), writer: Some(writer), parser, raw, vanished, modes, home }
    }

    /// The demo with both targets Healthy on the screen.
    pub fn demo(arguments: &[&str]) -> Self {
        let mut all = vec!["demo"];
        all.extend(arguments);
        let mut session = Self::start(&all, 120, 40);
        session.until("both targets Healthy", |screen| screen.contains("2 Healthy") && screen.contains("same commit"));
        session
    }

    pub fn screen(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as it should be.
    pub fn until(&mut self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if condition(&screen) {
                return screen;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended ({ended:?}) before {what}\n{screen}");
            assert!(begun.elapsed() < LIMIT, "never on the screen: {what}\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn until_text(&mut self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    pub fn press(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.parser.lock().unwrap().screen_mut().set_size(cells(rows), cells(columns));
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Closes our end, as a vanished terminal window does; the reader's part of it after the next byte, and the clock on the
    /// screen brings one every second.
    pub fn vanish(&mut self) {
        self.vanished.store(true, Ordering::SeqCst);
        self.writer = None;
        self.master = None;
    }

    /// Waits until the program has ended.
    pub fn end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < LIMIT, "it does not end\n{}", self.screen());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Every mode the program set is taken back, and the line discipline is as before.
    pub fn assert_restored(&self) {
        let wait = Instant::now();
        loop {
            let left = self.modes_left_on();
            if left.is_empty() {
                break;
            }
            assert!(wait.elapsed() < Duration::from_secs(5), "left on: {left:?}");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(termios(self.master.as_deref().unwrap()), self.modes);
    }

    /// Private modes by the bytes on the wire: the last word on each decides.
    fn modes_left_on(&self) -> Vec<&'static str> {
        let raw = self.raw.lock().unwrap();
        let text = String::from_utf8_lossy(&raw);
        let on = |set: &str, unset: &str| text.rfind(set) > text.rfind(unset);
        let mut left = Vec::new();
        for (name, set, unset) in [
            ("alternate screen", "\x1b[?1049h", "\x1b[?1049l"),
            ("bracketed paste", "\x1b[?2004h", "\x1b[?2004l"),
            ("hidden cursor", "\x1b[?25l", "\x1b[?25h"),
            ("synchronized update", "\x1b[?2026h", "\x1b[?2026l"),
        ] {
            if on(set, unset) {
                left.push(name);
            }
        }
        left
    }

    /// Everything the program wrote, as text.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.raw.lock().unwrap()).into_owned()
    }

    /// What the stand-in says of itself, over its control address, which the banner shows.
    pub fn stand_in(&self) -> serde_json::Value {
        let screen = self.screen();
        let address = screen
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()))
            .find(|word| word.starts_with("127.0.0.1:"))
            .unwrap_or_else(|| panic!("no address on the screen\n{screen}"));
        get(address, "/_local/state")
    }

    /// Process ids of the services that run now.
    pub fn children(&self) -> Vec<u32> {
        let state = self.stand_in();
        let instances = state["instances"].as_array().unwrap();
        instances.iter().filter_map(|i| u32::try_from(i["pid"].as_u64()?).ok()).collect()
    }

    /// What lies in the home folder: nothing, when the user's files are not touched.
    pub fn home_files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cells(n: u16) -> NonZero<u16> {
    NonZero::new(n).unwrap()
}

fn termios(master: &dyn MasterPty) -> String {
    let termios = master.get_termios().unwrap();
    format!("{:?} {:?} {:?}", termios.input_flags, termios.output_flags, termios.local_flags)
}

/// The program under test: the one just built, or the one that `HELLO_DASH_BINARY` names.
pub fn binary() -> PathBuf {
    env::var_os("HELLO_DASH_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_hello-dash").into(), PathBuf::from)
}

/// Waits until none of these processes is left.
pub fn assert_gone(pids: &[u32]) {
    assert!(!pids.is_empty());
    let begun = Instant::now();
    loop {
        let left: Vec<_> = pids.iter().filter(|pid| is_alive(**pid)).collect();
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "still running: {left:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A process that has ended but whose parent did not look yet does not count.
pub fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    status.is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with(['Z', 'X']))
}

/// A GET with a JSON answer.
pub fn get(address: &str, path: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}
