/**
 * Files whatever they hold: bytes of files and of zip entries, files that replace others in one
 * step, checksums, and {@link dev.fizzy.file.FileException}, the one sentence that a user reads. It
 * imports no other package.
 */
package dev.fizzy.file;
