//! How much of a test is run.

/// One number for the quick form and one for the whole, which `GNOMON_SOAK=1` asks for.
pub(crate) fn quick_or_whole<T>(quick: T, whole: T) -> T {
    if is_whole() { whole } else { quick }
}

pub(crate) fn is_whole() -> bool {
    std::env::var_os("GNOMON_SOAK").is_some_and(|asked| asked == "1")
}
