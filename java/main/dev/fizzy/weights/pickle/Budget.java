package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;

/** Bounds what a pickle may make us hold: estimated bytes of objects, and of text decoded. */
final class Budget {
  /** A state dict of 10,000 tensors takes about 30 MB of it, a list of a million images 150 MB. */
  private static final long OBJECTS = 512L << 20;

  /** For a short pickle less: no honest one holds more than this for each of its bytes. */
  private static final long PER_BYTE = 200;

  private final ByteSource source;
  private long objects;
  private long decoded;

  Budget(ByteSource source) {
    this.source = source;
    this.objects = Math.min(OBJECTS, (1 << 16) + multiplied(source.size(), PER_BYTE));
    this.decoded = multiplied(source.size(), 2);
  }

  private static long multiplied(long size, long factor) {
    return size > Long.MAX_VALUE / factor ? Long.MAX_VALUE : size * factor;
  }

  void charge(long bytes, long at) {
    objects -= bytes;
    if (objects < 0) {
      throw source.fault("is a pickle of more objects than are read", at);
    }
  }

  /** Charges bytes that are decoded out of the pickle and held. */
  void decode(long bytes, long at) {
    decoded -= bytes;
    if (decoded < 0) {
      throw source.fault("is a pickle that decodes more text than it has", at);
    }
  }
}
