"""What a household pays for its electricity: meter readings in, a bill out."""
