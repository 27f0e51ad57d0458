//! The hello-dash program.

fn main() {}
