/**
 * Reads Python pickles without running code: only a fixed list of objects is built. It imports
 * {@code weights} and {@code file}. Start at {@link dev.fizzy.weights.pickle.PickleReader}.
 */
package dev.fizzy.weights.pickle;
