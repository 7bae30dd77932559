/**
 * Files of any kind: random access to bytes of files and zip entries, atomic replacement,
 * checksums, and {@link dev.fizzy.file.FileException}, whose message is shown to the user. It
 * imports no other package.
 */
package dev.fizzy.file;
