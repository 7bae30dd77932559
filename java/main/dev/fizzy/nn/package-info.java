/**
 * Layers of networks: they declare parameters and record operations, and compute nothing. It
 * imports the engine alone. Start at {@link dev.fizzy.nn.Layer}.
 */
package dev.fizzy.nn;
