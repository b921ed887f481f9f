"""Rust: clippy where it is installed, and `cargo test`."""

from podium.config.ecosystems.base import Found, Listing, Suggestion
from podium.config.settings import CheckSettings


def rust(listing: Listing) -> Found | None:
    """Find a Cargo package or workspace."""
    if "Cargo.toml" not in listing.files:
        return None
    tests = CheckSettings(name="tests", run="cargo test --quiet")
    suggestions = [Suggestion(tests, "Cargo.toml makes this a Cargo package", "cargo")]
    if listing.has_program("cargo-clippy"):
        lint = CheckSettings(name="lint", run="cargo clippy --quiet --all-targets")
        suggestions.insert(0, Suggestion(lint, "clippy is installed", "cargo"))
    return Found("rust", tuple(suggestions))
