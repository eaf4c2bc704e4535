//! The thin binary: call the command line, print the error chain once, choose the exit code.

fn main() {}
