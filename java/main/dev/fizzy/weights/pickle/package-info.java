/**
 * Reads Python pickles without running them: what a pickle may build is a fixed list. It imports
 * {@code weights} and {@code file}. Start at {@link dev.fizzy.weights.pickle.PickleReader}.
 */
package dev.fizzy.weights.pickle;
