//! Two things cargo does not do by itself: notice new files in `target/site`, and link the unwinder statically.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    watch_site()?;
    link_unwinder()
}

/// A release build embeds the site; a debug build reads it at run time and need not be built again for it. It wants the
/// directory to exist by now, though, or else it would find nothing in it later.
fn watch_site() -> io::Result<()> {
    fs::create_dir_all("../target/site")?;
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../target/site");
    }
    Ok(())
}

/// Rust's standard library asks for `-lgcc_s`, a shared library that not every system has. A linker script of that name,
/// found before the library, answers with the static archives that GCC brings along. Where they are not found, nothing
/// changes and the binary needs `libgcc_s.so.1`.
fn link_unwinder() -> io::Result<()> {
    let variable = |name| env::var(name).unwrap_or_default();
    let native = variable("TARGET") == variable("HOST");
    if !native || variable("CARGO_CFG_TARGET_OS") != "linux" || variable("CARGO_CFG_TARGET_ENV") != "gnu" {
        return Ok(());
    }
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    // GCC and Clang print the full path of a library they have, and the bare name of one they have not.
    let has = |library: &str| {
        let output = Command::new(&linker).arg(format!("-print-file-name={library}")).output();
        output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_absolute())
    };
    if has("libgcc_eh.a") && has("libgcc.a") {
        let directory = PathBuf::from(variable("OUT_DIR"));
        fs::write(directory.join("libgcc_s.so"), "INPUT(-lgcc_eh -lgcc)\n")?;
        println!("cargo::rustc-link-search=native={}", directory.display());
    }
    Ok(())
}
