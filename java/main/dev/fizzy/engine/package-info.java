/**
 * The graph engine: operations are recorded in a {@link dev.fizzy.engine.Graph}, planned into one
 * block of memory, and replayed as a {@link dev.fizzy.engine.Program}. The operations are in {@code
 * op}; {@code cpu} and {@code cuda} are the devices, which choose the kernels. The engine imports
 * no other package of Fizzy. Start at {@link dev.fizzy.engine.Graph}.
 */
package dev.fizzy.engine;
