package dev.fizzy.engine;

/**
 * Devices that train one model together: each computes the gradients of its part of a batch, {@link
 * dev.fizzy.engine.op.AllReduce} averages them, and all take the same step.
 */
public interface Group {
  /** The number of devices. */
  int ranks();

  /**
   * Opens one device for the calling thread. Blocks until every rank has been opened, each by its
   * own thread.
   *
   * @param rank from 0
   */
  Device open(int rank);

  /**
   * Sets what tells the other ranks to close their devices. It runs when a rank closes its own,
   * which waits for all ranks.
   */
  void whenLeft(Runnable action);

  /**
   * Releases the ranks that wait for one that has failed; may be called from any thread. Their
   * collectives end with undefined results, and the group can compute no more.
   */
  void abort();
}
