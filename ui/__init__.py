"""What the pages share: cached loaders, session keys and widgets."""
