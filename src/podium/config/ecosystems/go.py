"""Go: `go vet` and `go test`, with a report where gotestsum is at hand."""

from podium.config.ecosystems.base import Found, Listing, Suggestion
from podium.config.settings import CheckSettings


def go(listing: Listing) -> Found | None:
    """Find a Go module."""
    if "go.mod" not in listing.files:
        return None
    vet = Suggestion(CheckSettings(name="lint", run="go vet ./..."), "go.mod makes this a Go module", "go")
    return Found("go", (vet, _tests(listing)))


def _tests(listing: Listing) -> Suggestion:
    tests = [file for file in listing.own() if file.endswith("_test.go")]
    if not tests:
        build = CheckSettings(name="build", run="go build ./...")
        return Suggestion(build, "no *_test.go was found, so that it builds is all there is to check", "go")
    if listing.has_program("gotestsum"):
        check = CheckSettings(name="tests", run="gotestsum --junitfile {report} -- ./...", report="junit")
        return Suggestion(check, f"{tests[0]} is a test and gotestsum reports every one", "gotestsum")
    return Suggestion(CheckSettings(name="tests", run="go test ./..."), f"{tests[0]} is a test", "go")
