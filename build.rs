//! Lists the signature and format files, so that adding one is adding a file.

fn main() {}
