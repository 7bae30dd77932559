package dev.fizzy.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Assigns every tensor an offset in one arena by liveness: tensors that are never live at the same
 * time may share bytes. Places the largest first, each at the lowest offset that is free during its
 * lifetime (Pisarchyk & Lee 2020, greedy by size).
 */
final class Planner {
  /** Bytes; the workspace of cuBLASLt needs this. */
  static final long ALIGN = 256;

  /** A block of bytes that is live from one step to another, both included. */
  static final class Block {
    final long bytes;
    final int first;
    final int last;
    long offset = -1;

    Block(long bytes, int first, int last) {
      this.bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
      this.first = first;
      this.last = last;
    }
  }

  private final List<Block> blocks = new ArrayList<>();

  Block add(long bytes, int first, int last) {
    Block block = new Block(bytes, first, last);
    blocks.add(block);
    return block;
  }

  /** Places all blocks from an offset on and returns the end of the last one. */
  long place(long begin) {
    List<Block> bySize = new ArrayList<>(blocks);
    bySize.sort(Comparator.comparingLong((Block b) -> -b.bytes).thenComparingInt(b -> b.first));
    List<Block> byOffset = new ArrayList<>();
    long size = begin;
    for (Block block : bySize) {
      long at = begin;
      int index = 0;
      for (; index < byOffset.size(); index++) {
        Block other = byOffset.get(index);
        boolean together = other.first <= block.last && block.first <= other.last;
        if (together) {
          if (other.offset >= at + block.bytes) {
            break;
          }
          at = Math.max(at, other.offset + other.bytes);
        }
      }
      block.offset = at;
      int insert = 0;
      while (insert < byOffset.size() && byOffset.get(insert).offset <= at) {
        insert++;
      }
      byOffset.add(insert, block);
      size = Math.max(size, at + block.bytes);
    }
    return size;
  }
}
