"""Where the configuration lies. Apart from reading it, for those who must be quick to import."""

CONFIG = "podium.toml"
