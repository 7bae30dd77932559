package dev.fizzy.dataset.recordio;

import dev.fizzy.file.FileException;
import dev.fizzy.file.FolderFiles;
import dev.fizzy.file.InputFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a set: {@code train.rec}, or its parts {@code train-01-of-16.rec}.
 *
 * @param property number of identities in the file {@code property}, {@code classes,height,width};
 *     0 without the file
 * @param list the {@code list.txt} next to the files, or null
 */
record RecordSet(List<Path> files, int property, Path list) {
  private static final Logger log = LoggerFactory.getLogger(RecordSet.class);
  private static final String ENDING = ".rec";
  private static final Pattern NAME = Pattern.compile(".*\\" + ENDING);
  private static final Pattern PART = Pattern.compile("(.+)-(\\d{1,6})-of-(\\d{1,6})\\.rec");
  private static final int PROPERTY_LIMIT = 256;

  static RecordSet of(Path location) {
    boolean folder = Files.isDirectory(location);
    Path parent = folder ? location : location.toAbsolutePath().getParent();
    Path list = parent.resolve(RecordList.FILE);
    return new RecordSet(
        folder ? files(location) : List.of(location),
        property(parent),
        Files.isRegularFile(list) ? list : null);
  }

  static boolean isRecordIo(Path location) {
    return Files.isDirectory(location)
        ? !FolderFiles.named(NAME, location).isEmpty()
        : RecordFile.isRecordIo(location);
  }

  private static List<Path> files(Path folder) {
    Path train = folder.resolve("train.rec");
    if (Files.exists(train)) {
      return List.of(train);
    }
    List<Path> files = FolderFiles.named(NAME, folder);
    if (files.size() == 1 && !PART.matcher(files.get(0).getFileName().toString()).matches()) {
      return files;
    }
    int parts = 0;
    for (Path file : files) {
      Matcher part = PART.matcher(file.getFileName().toString());
      if (!part.matches()) {
        throw new FileException(
            folder + " contains several sets; name one of them, such as " + file);
      }
      parts = Integer.parseInt(part.group(3));
    }
    if (parts != files.size()) {
      throw new FileException(
          folder + " holds " + files.size() + " of " + parts + " parts of a set; all are needed");
    }
    return files;
  }

  private static int property(Path folder) {
    Path file = folder.resolve("property");
    if (!Files.isRegularFile(file)) {
      return 0;
    }
    try (InputStream in = InputFile.stream(file)) {
      String text = new String(in.readNBytes(PROPERTY_LIMIT), StandardCharsets.US_ASCII).strip();
      Matcher form = Pattern.compile("(\\d{1,8})(,\\d{1,5}){0,2}").matcher(text);
      if (!form.matches() || Integer.parseInt(form.group(1)) > RecordHeader.LABEL_LIMIT) {
        throw new FileException(
            file + " must contain classes,height,width, such as 10572,112,112, not " + text);
      }
      return Integer.parseInt(form.group(1));
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** The path of the index of a RecordIO file. */
  static Path indexFile(Path file) {
    String name = file.getFileName().toString();
    String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - 4) : name;
    return file.resolveSibling(stem + ".idx");
  }

  RecordIndex index(RecordFile file) {
    Path index = indexFile(file.file());
    if (Files.exists(index)) {
      return RecordIndex.read(index, file.size());
    }
    log.warn(
        "{} is missing; reading through {} instead; `fizzy make index` writes the index",
        index,
        file.file());
    return RecordIndex.scan(file);
  }
}
