// The presets ask for this library by name; the engine calls nothing of it.
