/**
 * The operations, one per file: the shapes of inputs and outputs, and the gradient. They compute
 * nothing themselves; a device does. Start at {@link dev.fizzy.engine.op.Add}, the simplest one
 * with a gradient.
 */
package dev.fizzy.engine.op;
