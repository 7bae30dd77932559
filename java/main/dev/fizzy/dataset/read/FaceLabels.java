package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.file.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/** Who the faces are of: by their folders, or by a table. */
public final class FaceLabels {
  private static final String FILE = "file";
  private static final String IDENTITY = "identity";

  /** Columns that a message names. */
  private static final int COLUMNS = 10;

  /** As spreadsheets and pandas write it: with an index column that has no name, perhaps. */
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

  /** The folder of each face; all null where any lies in none. */
  public static List<String> byFolder(List<String> faces) {
    List<String> labels = new ArrayList<>();
    for (String face : faces) {
      int slash = face.lastIndexOf('/');
      if (slash < 0) {
        return none(faces);
      }
      labels.add(face.substring(0, slash));
    }
    return labels;
  }

  public static List<String> none(List<String> faces) {
    return new ArrayList<>(java.util.Collections.nCopies(faces.size(), null));
  }

  /**
   * The identity of each face by a table with columns {@code file} and {@code identity}, null where
   * it has none. A table that knows none of the faces is refused.
   *
   * @param csv comma-separated, with a line of column names
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

  /** The identity of each file that a table names, null where it has none. */
  public static Map<String, String> table(Path csv) {
    try (CSVParser rows = FORMAT.parse(TextFile.reader(csv))) {
      List<String> columns = rows.getHeaderNames();
      if (Collections.frequency(columns, FILE) != 1
          || Collections.frequency(columns, IDENTITY) != 1) {
        throw new FileException(
            csv
                + " has the columns "
                + columns.stream().limit(COLUMNS).map(Quoted::of).toList()
                + (columns.size() > COLUMNS ? " and more" : "")
                + "; "
                + FILE
                + " and "
                + IDENTITY
                + " are wanted, once each");
      }
      Map<String, String> identities = new HashMap<>();
      for (CSVRecord row : rows) {
        if (row.size() != columns.size()) {
          throw new FileException(
              csv + " has " + row.size() + " fields in record " + row.getRecordNumber());
        }
        String identity = row.get(IDENTITY).isEmpty() ? null : row.get(IDENTITY);
        String before = identities.put(row.get(FILE), identity);
        if (before != null && !before.equals(identity)) {
          throw new FileException(
              csv
                  + ", record "
                  + row.getRecordNumber()
                  + ": "
                  + Quoted.of(row.get(FILE))
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
}
