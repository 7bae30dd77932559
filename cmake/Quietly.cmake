# cmake -D COMMAND=... -D LOG=file -P Quietly.cmake: runs a command, writes its output to a file, and prints it if the command fails.
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE result OUTPUT_FILE ${LOG} ERROR_FILE ${LOG})
if(NOT result EQUAL 0)
  file(READ ${LOG} output)
  message(FATAL_ERROR "${output}")
endif()
