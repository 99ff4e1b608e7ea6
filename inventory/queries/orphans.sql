-- The definitions that no monitoring schedule uses, such as those that an update in a notebook
-- has replaced. Schedules of one-time jobs count, too. Regions of which not everything could be
-- read are left out, because a schedule there may use what looks unused.
SELECT
    split_part(d.job_definition_arn, ':', 5) AS account_id,
    d.region,
    d.job_definition_name,
    d.creation_time,
    d.job_definition_arn
FROM aws.sagemaker.model_quality_job_definitions AS d
WHERE NOT EXISTS (
    SELECT 1
    FROM aws.sagemaker.monitoring_schedules AS s
    WHERE s.account_id = split_part(d.job_definition_arn, ':', 5)
        AND s.region = d.region
        AND coalesce(s.monitoring_type, 'ModelQuality') = 'ModelQuality'
        AND s.monitoring_job_definition_name = d.job_definition_name
)
    AND NOT EXISTS (
        SELECT 1
        FROM aws.sagemaker.errors AS e
        WHERE e.account = split_part(d.job_definition_arn, ':', 5) AND e.region = d.region
    )
ORDER BY account_id, d.region, d.job_definition_name
