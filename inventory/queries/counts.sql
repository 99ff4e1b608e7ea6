-- How many definitions each account has in each region. Regions without any are left out.
SELECT
    split_part(job_definition_arn, ':', 5) AS account_id,
    region,
    count(*) AS definitions
FROM aws.sagemaker.model_quality_job_definitions
GROUP BY ALL
ORDER BY ALL
