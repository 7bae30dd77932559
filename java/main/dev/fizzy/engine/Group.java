package dev.fizzy.engine;

/**
 * Devices that train one model together: each computes the gradients of its part of a batch, {@link
 * dev.fizzy.engine.op.AllReduce} averages them, and each takes the same step.
 */
public interface Group {
  /** How many devices there are. */
  int ranks();

  /**
   * Opens one device for the calling thread; returns when every rank has been opened by a thread of
   * its own.
   *
   * @param rank from 0
   */
  Device open(int rank);

  /**
   * Calls away the ranks that wait for one that has failed, in any thread: what they wait for ends,
   * with numbers that mean nothing, and no rank computes with the others any more.
   */
  void abort();
}
