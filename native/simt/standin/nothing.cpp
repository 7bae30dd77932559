// The presets load this library by name; the engine calls no function of it.
