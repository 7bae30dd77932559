package dev.fizzy.dataset.recordio;

import dev.fizzy.file.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code list.txt} of record sets without labels in their headers, such as DCFace: lines {@code
 * key<TAB>path}, where the folder of the path is the identity.
 */
final class RecordList {
  static final String FILE = "list.txt";
  private static final Pattern LINE = Pattern.compile("(\\d{1,18})[\t ](?:.*\t)?([^\t]*/[^\t/]+)");

  private final List<String> identities;
  private final Map<Long, Integer> numbers;

  private RecordList(List<String> identities, Map<Long, Integer> numbers) {
    this.identities = identities;
    this.numbers = numbers;
  }

  /** Reads the list; null if the file has another format. */
  static RecordList read(Path file) {
    Map<Long, String> folders = new LinkedHashMap<>();
    try (BufferedReader lines = TextFile.reader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher match = LINE.matcher(line.strip());
        if (!match.matches()) {
          return null;
        }
        String path = match.group(2);
        folders.put(Long.parseLong(match.group(1)), path.substring(0, path.lastIndexOf('/')));
      }
    } catch (IOException e) {
      throw TextFile.unreadable(file, e);
    }
    List<String> sorted = new ArrayList<>(new TreeSet<>(folders.values()));
    Map<String, Integer> byFolder = new HashMap<>();
    sorted.forEach(folder -> byFolder.put(folder, byFolder.size()));
    Map<Long, Integer> numbers = new HashMap<>();
    folders.forEach((key, folder) -> numbers.put(key, byFolder.get(folder)));
    return new RecordList(List.copyOf(sorted), numbers);
  }

  /** Names of the identities, sorted. */
  List<String> identities() {
    return identities;
  }

  /** The index of a record's identity, or -1. */
  int identity(long key) {
    return numbers.getOrDefault(key, -1);
  }
}
