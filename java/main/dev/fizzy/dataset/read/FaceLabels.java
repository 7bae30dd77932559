package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.file.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/** The identities of faces, from their folders or from a table. */
public final class FaceLabels {
  private static final String FILE = "file";
  private static final String IDENTITY = "identity";

  /** Largest number of columns listed in a message. */
  private static final int COLUMNS = 10;

  /** Characters of the line with the names of the columns. */
  private static final int LINE = 4096;

  /** CSV as spreadsheets and pandas write it, which may have an unnamed index column. */
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .setAllowMissingColumnNames(true)
          .setDuplicateHeaderMode(DuplicateHeaderMode.ALLOW_ALL)
          .setTrim(true)
          .get();

  private FaceLabels() {}

  /** The identity of a face by its name identity/image: the first folder; null without one. */
  public static String identity(String face) {
    int slash = face.indexOf('/');
    return slash < 0 ? null : face.substring(0, slash);
  }

  /** The identity of each face by its folder; all are null if a face is in no folder. */
  public static List<String> byFolder(List<String> faces) {
    List<String> labels = new ArrayList<>();
    faces.forEach(face -> labels.add(identity(face)));
    return labels.contains(null) ? none(faces) : labels;
  }

  public static List<String> none(List<String> faces) {
    return new ArrayList<>(java.util.Collections.nCopies(faces.size(), null));
  }

  /**
   * The identity of each face from a table with the columns {@code file} and {@code identity}, null
   * if the table has none. Throws if the table has none of the faces.
   *
   * @param csv comma-separated values with a header
   */
  public static List<String> byTable(List<String> faces, Path csv) {
    Map<String, String> known = table(csv);
    List<String> labels = new ArrayList<>();
    int found = 0;
    for (String face : faces) {
      found += known.containsKey(face) ? 1 : 0;
      labels.add(known.get(face));
    }
    if (found == 0) {
      throw new FileException(
          csv + " has none of the " + faces.size() + " faces; the first is " + faces.get(0));
    }
    return labels;
  }

  /**
   * The identity of each file in a table, null if the field is empty. Fields are separated by
   * commas, semicolons or tabs; the names of columns may be in any case.
   */
  public static Map<String, String> table(Path csv) {
    try (BufferedReader text = TextFile.reader(csv);
        CSVParser rows = FORMAT.builder().setDelimiter(delimiter(text)).get().parse(text)) {
      List<String> columns = rows.getHeaderNames();
      List<String> names =
          columns.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
      if (Collections.frequency(names, FILE) != 1 || Collections.frequency(names, IDENTITY) != 1) {
        throw new FileException(
            csv
                + " has the columns "
                + columns.stream().limit(COLUMNS).map(Quoted::of).toList()
                + (columns.size() > COLUMNS ? " and more" : "")
                + "; "
                + FILE
                + " and "
                + IDENTITY
                + " are expected, once each");
      }
      Map<String, String> identities = new HashMap<>();
      for (CSVRecord row : rows) {
        if (row.size() != columns.size()) {
          throw new FileException(
              csv + " has " + row.size() + " fields in record " + row.getRecordNumber());
        }
        String file = plain(row.get(names.indexOf(FILE)));
        String identity = row.get(names.indexOf(IDENTITY));
        identity = identity.isEmpty() ? null : identity;
        String before = identities.put(file, identity);
        if (before != null && !before.equals(identity)) {
          throw new FileException(
              csv
                  + ", record "
                  + row.getRecordNumber()
                  + ": "
                  + Quoted.of(file)
                  + " is of "
                  + Quoted.of(identity)
                  + ", and of "
                  + Quoted.of(before)
                  + " before");
        }
      }
      return identities;
    } catch (IOException e) {
      throw TextFile.unreadable(csv, e);
    } catch (UncheckedIOException e) {
      throw TextFile.unreadable(csv, e.getCause());
    }
  }

  /** The separator in the first line, which does not occur in names of columns. */
  private static char delimiter(BufferedReader text) throws IOException {
    text.mark(LINE);
    char[] begin = new char[LINE];
    int length = Math.max(0, text.read(begin));
    text.reset();
    String line = new String(begin, 0, length).lines().findFirst().orElse("");
    return line.indexOf(',') >= 0
        ? ','
        : line.indexOf(';') >= 0 ? ';' : line.indexOf('\t') >= 0 ? '\t' : ',';
  }

  /** A path as folders list it: without {@code ./}, with single '/' also where it has '\'. */
  private static String plain(String path) {
    String file = path.indexOf('/') < 0 ? path.replace('\\', '/') : path;
    return file.replaceAll("/(\\./|/)+", "/").replaceFirst("^\\./", "");
  }
}
