"""The pages under /settings/: who works here, what things are called, when the company works, who may call in."""
