/**
 * The operations, one a file: the shapes that each takes and gives, and its gradient. They compute
 * nothing; a device does. Start at {@link dev.fizzy.engine.op.Add}, the simplest one with a
 * gradient.
 */
package dev.fizzy.engine.op;
