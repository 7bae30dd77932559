package dev.fizzy.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/** JSON out of files that nobody vouches for: bounded in length and depth, each key once. */
public final class Json {
  private static final int DEPTH = 64;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final JsonMapper PLAIN = mapper().build();

  private Json() {}

  /** A mapper with the bounds, and one value a document. */
  public static JsonMapper.Builder mapper() {
    return JsonMapper.builder(FACTORY.copy())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /** The same for what people write: Java's comments are allowed, a field left out is refused. */
  public static JsonMapper.Builder configuration() {
    return mapper()
        .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }

  /**
   * A file's one value.
   *
   * @param limit of its length in bytes
   */
  public static JsonNode read(Path file, long limit) {
    try {
      return tree(InputFile.bytes(file, limit));
    } catch (JsonProcessingException e) {
      throw new FileException(file + " is damaged JSON: " + reason(e), e);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** One value; never null, but perhaps missing. */
  public static JsonNode tree(byte[] bytes) throws IOException {
    return PLAIN.readTree(bytes);
  }

  /** What is wrong, on one line, with the place. */
  public static String reason(JsonProcessingException e) {
    String text = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? Quoted.message(text)
        : Quoted.message(text)
            + ", line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr();
  }
}
