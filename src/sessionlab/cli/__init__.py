"""The command line.

`commands` holds one module for each command, `terminal` what a terminal needs. What several commands share stands here:
how they end (`ending`), name a lesson (`lesson_name`), come to a verdict (`command_judge`, `warm_judge`), and write it
(`report`, `course_report`, `next_step`).
"""
