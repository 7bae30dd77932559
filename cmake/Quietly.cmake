# cmake -D COMMAND=... -D LOG=file -P Quietly.cmake: runs a command, keeps what it says in a file, and shows it where it failed.
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE result OUTPUT_FILE ${LOG} ERROR_FILE ${LOG})
if(NOT result EQUAL 0)
  file(READ ${LOG} said)
  message(FATAL_ERROR "${said}")
endif()
