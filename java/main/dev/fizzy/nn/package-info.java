/**
 * Layers of networks: they declare parameters and record operations, and compute nothing. It
 * imports only the engine. Start at {@link dev.fizzy.nn.Layer}.
 */
package dev.fizzy.nn;
