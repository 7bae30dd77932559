package dev.fizzy.dataset.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;

/** Decompresses pages. */
final class Codec {
  private Codec() {}

  /**
   * @param size the number of bytes that the page decompresses to
   */
  static byte[] decompress(CompressionCodec codec, byte[] page, int size) throws IOException {
    if (codec == null) {
      throw new IOException("it is compressed in a way that is not known");
    }
    byte[] values =
        switch (codec) {
          case UNCOMPRESSED -> page;
          case SNAPPY -> decompress(new SnappyDecompressor(), page, size);
          case ZSTD -> decompress(new ZstdDecompressor(), page, size);
          case LZ4_RAW -> decompress(new Lz4Decompressor(), page, size);
          case GZIP -> gunzip(page, size);
          case LZ4, LZO, BROTLI ->
              throw new IOException(
                  "it is compressed with "
                      + codec
                      + ", which is not read; write it with Snappy, Zstandard, gzip or LZ4_RAW");
        };
    if (values.length != size) {
      throw new IOException(
          "a page decompresses to " + values.length + " bytes where it announces " + size);
    }
    return values;
  }

  private static byte[] decompress(Decompressor codec, byte[] page, int size) throws IOException {
    byte[] values = new byte[size];
    try {
      int length = size == 0 ? 0 : codec.decompress(page, 0, page.length, values, 0, size);
      return length == size ? values : new byte[length];
    } catch (RuntimeException e) {
      throw new IOException("a page has damaged compressed data: " + e.getMessage(), e);
    }
  }

  private static byte[] gunzip(byte[] page, int size) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(page))) {
      byte[] values = in.readNBytes(size);
      if (in.read() >= 0) {
        throw new IOException("a page decompresses to more than the " + size + " bytes announced");
      }
      return values;
    }
  }
}
