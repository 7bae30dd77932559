package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;

/** Limits the memory that reading a pickle uses: estimated bytes of objects and of decoded text. */
final class Budget {
  /**
   * Limit of objects in bytes. A state dict of 10,000 tensors needs about 30 MB, a list of a
   * million images 150 MB.
   */
  private static final long OBJECTS = 512L << 20;

  /** Limit of objects per byte of the pickle, which valid pickles do not reach. */
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
      throw source.fault("is a pickle with too many objects", at);
    }
  }

  /** Charges bytes decoded from the pickle. */
  void decode(long bytes, long at) {
    decoded -= bytes;
    if (decoded < 0) {
      throw source.fault("is a pickle that decodes more text than it has", at);
    }
  }
}
