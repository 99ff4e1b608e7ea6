-- The definitions whose time limit an hourly schedule refuses, because a run has to end in 1800
-- seconds. A definition without a limit has SageMaker's default of 3600 seconds.
SELECT
    split_part(job_definition_arn, ':', 5) AS account_id,
    region,
    job_definition_name,
    coalesce((stopping_condition->>'MaxRuntimeInSeconds')::BIGINT, 3600) AS max_runtime_in_seconds,
    job_definition_arn
FROM aws.sagemaker.model_quality_job_definitions
WHERE max_runtime_in_seconds > 1800
ORDER BY max_runtime_in_seconds DESC, job_definition_arn
